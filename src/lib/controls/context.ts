/** How components reach the instrument and the theme of the page they stand on. */
import { createContext } from 'svelte';
import type { LiveInstrument } from './live.svelte';
import type { ThemeChoice } from './theme.svelte';

export const [useInstrument, provideInstrument] = createContext<LiveInstrument>();
export const [useTheme, provideTheme] = createContext<ThemeChoice>();
