// Presets the time zone from the browser where nobody has chosen one. The form works without it. Where a message
// asks for the zone, it stays for the person to choose.
for (const select of document.querySelectorAll('select[data-guess]:not([aria-invalid])')) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (!zone || select.value) continue
  const options = [...select.options]
  const known = options.find((option) => option.value === zone || option.dataset.was === zone)
  if (!known) select.add(new Option(zone, zone))
  select.value = known ? known.value : zone
}
