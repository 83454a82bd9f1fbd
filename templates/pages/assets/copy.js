// A button beside each piece of code. Without it, select and copy by hand.
for (const code of navigator.clipboard ? document.querySelectorAll('pre.code') : []) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button plain'
  button.textContent = code.dataset.copy
  button.setAttribute('aria-live', 'polite')
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent)
    button.textContent = code.dataset.copied
  })
  code.after(button)
}
