// Tells the site around the frame how tall the form is, and where it is to look; see the template embed-frame.
if (parent !== window) {
  const tell = () => parent.postMessage({ height: Math.ceil(document.body.getBoundingClientRect().height) }, '*')
  new ResizeObserver(tell).observe(document.body)

  // What came of a form stands at its top, and the button that was pressed at its end. Not every browser lets a frame
  // scroll the page around it.
  const look = () => {
    const target = document.getElementById(location.hash.slice(1)) ?? document.getElementById('fault')
    if (!target) return
    target.focus()
    parent.postMessage({ top: Math.floor(target.getBoundingClientRect().top + scrollY) }, '*')
  }
  look()
  addEventListener('hashchange', look)
}
