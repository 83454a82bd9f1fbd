// Presets the time zone from the browser where nobody has chosen one. The form works without it.
for (const select of document.querySelectorAll('select[data-guess]')) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (!zone || select.value) continue
  if (![...select.options].some((option) => option.value === zone)) select.add(new Option(zone, zone))
  select.value = zone
}
