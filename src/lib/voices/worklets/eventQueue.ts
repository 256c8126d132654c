/**
 * Events of a worklet voice in order of sample frame. All memory is taken at construction: the audio thread inserts and
 * removes without allocating. An event has a frame, a kind and four numbers.
 */
const STRIDE = 6;

export class EventQueue {
	/** of the event that `shift` removed last */
	kind = 0;
	a = 0;
	b = 0;
	c = 0;
	d = 0;

	private readonly records: Float64Array;
	private readonly capacity: number;
	private head = 0;
	private tail = 0;

	constructor(capacity = 4096) {
		this.capacity = capacity;
		this.records = new Float64Array(capacity * STRIDE);
	}

	/** Frame of the first event, or Infinity when there is none. */
	get nextFrame(): number {
		return this.head < this.tail ? this.records[this.head * STRIDE]! : Infinity;
	}

	/** Inserts after the events of the same or an earlier frame. When the queue is full the event is lost: false. */
	insert(frame: number, kind: number, a = 0, b = 0, c = 0, d = 0): boolean {
		const { records } = this;
		if (this.tail === this.capacity) this.compact();
		if (this.tail === this.capacity) return false;
		let at = this.tail;
		while (at > this.head && records[(at - 1) * STRIDE]! > frame) at--;
		records.copyWithin((at + 1) * STRIDE, at * STRIDE, this.tail * STRIDE);
		const base = at * STRIDE;
		records[base] = frame;
		records[base + 1] = kind;
		records[base + 2] = a;
		records[base + 3] = b;
		records[base + 4] = c;
		records[base + 5] = d;
		this.tail++;
		return true;
	}

	/** Moves the first event into `kind`, `a`, `b`, `c` and `d`. */
	shift(): void {
		const base = this.head * STRIDE;
		this.kind = this.records[base + 1]!;
		this.a = this.records[base + 2]!;
		this.b = this.records[base + 3]!;
		this.c = this.records[base + 4]!;
		this.d = this.records[base + 5]!;
		this.head++;
		if (this.head === this.tail) this.head = this.tail = 0;
	}

	/** Removes the events of one kind at or after `frame`. */
	cancel(kind: number, frame: number): void {
		const { records } = this;
		let to = this.head;
		for (let from = this.head; from < this.tail; from++) {
			const base = from * STRIDE;
			if (records[base]! >= frame && records[base + 1] === kind) continue;
			if (to !== from) records.copyWithin(to * STRIDE, base, base + STRIDE);
			to++;
		}
		this.tail = to;
	}

	private compact(): void {
		this.records.copyWithin(0, this.head * STRIDE, this.tail * STRIDE);
		this.tail -= this.head;
		this.head = 0;
	}
}
