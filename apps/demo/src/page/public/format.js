const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const regions = new Intl.DisplayNames('en', { type: 'region' });

export const number = (value) => whole.format(value);

/** Three figures that matter, whatever the size. */
export function milliseconds(ms) {
  if (ms >= 100) return `${ms.toFixed(0)} ms`;
  if (ms >= 10) return `${ms.toFixed(1)} ms`;
  return `${ms.toFixed(ms >= 1 ? 2 : 3)} ms`;
}

export const kilometres = (km) => `${km < 100 ? km.toFixed(1) : whole.format(km)} km`;

/** `country('FR')` is France; a code that the browser does not know stays as it is. */
export function country(code) {
  try {
    return regions.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Makes an element with attributes and children; text only ever enters as text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
