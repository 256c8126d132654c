/**
 * Makes an element turn a parameter: drag, wheel, keys, double click to reset. A knob is dragged up and down from where
 * it stands; a bar is grasped at the place that was touched.
 */
import type { Attachment } from 'svelte/attachments';
import {
	DRAG_PIXELS,
	FINE_DRAG_PIXELS,
	nudged,
	travelOf,
	valueAfterKey,
	valueAt
} from './gestures';
import type { Parameter } from './parameters';

export interface Turn {
	parameter: Parameter;
	value: number;
	/** knob: relative and vertical; bar: absolute and horizontal */
	shape: 'knob' | 'bar';
	change(value: number): void;
}

/** `read` is asked at each gesture, so that it may return what is current then. */
export function turnable(read: () => Turn): Attachment<HTMLElement> {
	return (element) => {
		const listening = new AbortController();
		const { signal } = listening;
		let travel = 0;
		let lastY = 0;

		function grasp(event: PointerEvent) {
			const { parameter, change } = read();
			const box = element.getBoundingClientRect();
			travel = (event.clientX - box.left) / Math.max(1, box.width);
			change(valueAt(parameter, travel));
		}

		element.addEventListener(
			'pointerdown',
			(event) => {
				if (event.button !== 0) return;
				event.preventDefault();
				element.focus({ preventScroll: true });
				element.setPointerCapture(event.pointerId);
				const { parameter, value, shape } = read();
				travel = travelOf(parameter, value);
				lastY = event.clientY;
				if (shape === 'bar') grasp(event);
			},
			{ signal }
		);
		element.addEventListener(
			'pointermove',
			(event) => {
				if (!element.hasPointerCapture(event.pointerId)) return;
				const { parameter, shape, change } = read();
				if (shape === 'bar') {
					grasp(event);
					return;
				}
				const pixels = event.shiftKey ? FINE_DRAG_PIXELS : DRAG_PIXELS;
				travel = Math.max(0, Math.min(1, travel + (lastY - event.clientY) / pixels));
				lastY = event.clientY;
				change(valueAt(parameter, travel));
			},
			{ signal }
		);
		element.addEventListener(
			'wheel',
			(event) => {
				if (event.deltaY === 0) return;
				event.preventDefault();
				const { parameter, value, change } = read();
				change(nudged(parameter, value, event.shiftKey ? 0 : 0.02, event.deltaY < 0 ? 1 : -1));
			},
			{ signal, passive: false }
		);
		element.addEventListener(
			'keydown',
			(event) => {
				const { parameter, value, change } = read();
				const next = valueAfterKey(parameter, value, event.key, event.shiftKey);
				if (next === null) return;
				event.preventDefault();
				change(next);
			},
			{ signal }
		);
		element.addEventListener(
			'dblclick',
			() => {
				const { parameter, change } = read();
				change(parameter.default);
			},
			{ signal }
		);
		return () => {
			listening.abort();
		};
	};
}
