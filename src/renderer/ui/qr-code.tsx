import { renderSVG } from 'uqr'

/** Modules of light around the code, which readers need to find it (ISO/IEC 18004). */
const QUIET = 4

/** A text for a camera. Dark on light in both themes: many readers know no other. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const picture = renderSVG(text, { ecc: 'M', border: QUIET })
  return <img src={`data:image/svg+xml,${encodeURIComponent(picture)}`} alt={label} width={132} height={132} />
}
