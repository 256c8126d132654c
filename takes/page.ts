/** The page that renders takes and listens to them: an OfflineAudioContext needs a browser. */
import { listen, type HeardTake } from './hear/listen';
import type { Performance } from './perform';

/** What main calls. */
export interface TakesPage {
	listen(take: Performance): Promise<HeardTake>;
}

const page: TakesPage = { listen };
Object.assign(window, { takesPage: page });
