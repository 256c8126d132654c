/** The text of `training/vocabulary.json`: vocabulary, grammar table and density bounds for the Python side. */
import { DENSITY_BOUNDS } from './density';
import { GRAMMAR, STATE_NAMES } from './grammar';
import { vocabularyTable } from './vocabulary';

export function vocabularyFile(): string {
	const { tokenClass, tokenOrder, next, classRegister, classResets, classNeedsRoom, ...rest } =
		GRAMMAR;
	const grammar = {
		...rest,
		stateNames: [...STATE_NAMES],
		tokenClass: [...tokenClass],
		tokenOrder: [...tokenOrder],
		next: [...next],
		classRegister: [...classRegister],
		classResets: [...classResets],
		classNeedsRoom: [...classNeedsRoom],
		registerMax: [...GRAMMAR.registerMax],
		stateScope: [...GRAMMAR.stateScope]
	};
	return JSON.stringify({ ...vocabularyTable(), densityBounds: DENSITY_BOUNDS, grammar }) + '\n';
}
