import { type Header, type HeaderOptions, readHeader } from './header.ts'
import { invalid, quoted } from './invalid.ts'
import { type Manifest, parseManifest } from './manifest.ts'

/** What is to be said of every augmented artifact (mender-artifact format, 1.11). */
export const AUGMENT_WARNING =
  'it is augmented: the signature covers neither its manifest-augment nor what that lists, so anybody can change it, and clients from 4.0 on refuse it'

export const AUGMENT_HINT =
  'Write it without augmentation: clients refuse augmented artifacts, and the signature does not cover the augmentation.'

/** header-augment.tar from its stored bytes, whose checksum the caller has compared: of the form of header.tar, without scripts. */
export async function readAugmentHeader(stored: Uint8Array, options: Omit<HeaderOptions, 'label' | 'onScript'>): Promise<Header> {
  const header = await readHeader(stored, { ...options, label: 'header-augment.tar' })
  if (header.scripts.length > 0) throw invalid('header-augment.tar: it has scripts, which belong into header.tar')
  return header
}

/** What both headers say together: the augmentation has the last word on the type, the scripts and the name are the original's. */
export function augmented(header: Header, augment: Header): Header {
  return {
    ...header,
    payloadType: augment.payloadType,
    provides: { ...header.provides, ...augment.provides },
    depends: { ...header.depends, ...augment.depends },
    clearsProvides: augment.clearsProvides ?? header.clearsProvides,
    metaData: header.metaData || augment.metaData ? { ...header.metaData, ...augment.metaData } : null,
    warnings: [AUGMENT_WARNING, ...header.warnings],
  }
}

/** The sums of both manifests. ARTIFACT_INVALID when the augmentation lists anything that is the original's. */
export function augmentedManifest(manifest: Manifest, bytes: Uint8Array, maxLines: number): { own: Manifest; all: Manifest } {
  const own = parseManifest(bytes, 'manifest-augment', maxLines)
  const taken = [...own.keys()].find((name) => manifest.has(name))
  if (taken !== undefined) throw invalid(`manifest-augment: ${quoted(taken)} is in the manifest already`)
  return { own, all: new Map([...manifest, ...own]) }
}
