import { useEffect, useRef, useState } from 'react';

import type { Call } from './exchange';

/** Two tones together, as a bell of a telephone: rings for a second, pauses for two. */
const TONES_HZ = [440, 480];
const RINGS_FOR_S = 1;
const EVERY_MS = 3_000;
const LOUDNESS = 0.08;

/**
 * Whether somebody has clicked or pressed a key since the page was loaded. Before that, a browser lets no page sound, and
 * warns of each that tries.
 */
function useMaySound(): boolean {
  const [maySound, setMaySound] = useState(hasBeenUsed);
  useEffect(() => {
    if (maySound) return undefined;
    const look = () => setMaySound(hasBeenUsed());
    for (const gesture of GESTURES) document.addEventListener(gesture, look);
    return () => GESTURES.forEach((gesture) => document.removeEventListener(gesture, look));
  }, [maySound]);
  return maySound;
}

const GESTURES = ['mousedown', 'pointerup', 'touchend', 'keydown'] as const;
const hasBeenUsed = () => navigator.userActivation.hasBeenActive;

/** Rings while a phone rings, unless it is muted. */
export function useRinging(isRinging: boolean): void {
  const maySound = useMaySound();
  const sounds = isRinging && maySound;
  useEffect(() => {
    if (!sounds || !('AudioContext' in window)) return;
    const audio = new AudioContext();
    const once = () => {
      const loudness = audio.createGain();
      loudness.gain.value = LOUDNESS;
      loudness.connect(audio.destination);
      for (const frequency of TONES_HZ) {
        const tone = audio.createOscillator();
        tone.frequency.value = frequency;
        tone.connect(loudness);
        tone.start();
        tone.stop(audio.currentTime + RINGS_FOR_S);
      }
    };
    once();
    const timer = setInterval(once, EVERY_MS);
    return () => {
      clearInterval(timer);
      void audio.close();
    };
  }, [sounds]);
}

/** Speaks what callers hear when they hear it; not what they heard before the page was opened. */
export function useSpeech(calls: readonly Call[] | null, isMuted: boolean): void {
  /** How much of each call is spoken. */
  const known = useRef<Map<string, number> | null>(null);
  useEffect(() => {
    if (calls === null) return;
    const spoken = (known.current ??= new Map(calls.map(({ callSid, heard }) => [callSid, heard.length])));
    for (const { callSid, heard } of calls) {
      const fresh = heard.slice(spoken.get(callSid) ?? 0);
      spoken.set(callSid, heard.length);
      if (fresh.length > 0 && !isMuted && hasBeenUsed() && 'speechSynthesis' in window) {
        speechSynthesis.speak(new SpeechSynthesisUtterance(fresh.join(' ')));
      }
    }
  }, [calls, isMuted]);
  useEffect(() => {
    if ('speechSynthesis' in window && isMuted) speechSynthesis.cancel();
  }, [isMuted]);
  useEffect(
    () => () => {
      if ('speechSynthesis' in window) speechSynthesis.cancel();
    },
    [],
  );
}
