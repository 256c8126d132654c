/** How the parts of the stage share one animation loop and one note in the light. */
import { createContext } from 'svelte';
import type { FrameLoop } from './frameLoop';
import type { HeadWatch } from './headWatch.svelte';
import type { Spotlight } from './spotlight.svelte';

export const [useFrameLoop, provideFrameLoop] = createContext<FrameLoop>();
export const [useHeadWatch, provideHeadWatch] = createContext<HeadWatch>();
export const [useSpotlight, provideSpotlight] = createContext<Spotlight>();
