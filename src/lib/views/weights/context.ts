/** How the parts of the page about weights reach what it shows. */
import { createContext } from 'svelte';
import type { WeightsState } from './weightsState.svelte';

export const [useWeights, provideWeights] = createContext<WeightsState>();
