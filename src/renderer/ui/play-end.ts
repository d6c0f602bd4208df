/** Hertz, one after the other: up when all went well, down when something is left to do. */
const TONES = { good: [660, 880], bad: [440, 330] } as const
const TONE_SECONDS = 0.16

/** Two short tones. A machine without sound stays silent. */
export function playEnd(isGood: boolean): void {
  try {
    const audio = new AudioContext()
    const tones = TONES[isGood ? 'good' : 'bad']
    for (const [index, hertz] of tones.entries()) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()]
      tone.frequency.value = hertz
      volume.gain.value = 0.12
      tone.connect(volume).connect(audio.destination)
      tone.start(audio.currentTime + index * TONE_SECONDS)
      tone.stop(audio.currentTime + (index + 0.9) * TONE_SECONDS)
      if (index === tones.length - 1) tone.addEventListener('ended', () => void audio.close())
    }
  } catch {
    // No output device: what the tones would say stands on the screen.
  }
}
