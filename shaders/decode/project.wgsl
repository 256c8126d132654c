// Queries, keys and values of a layer, with rotary positions (Su et al. 2021), the latter two straight into the cache.
//
//     q, k, v = W input + bias                 W [(HEADS + 2 KEY_VALUE_HEADS) HEAD_SIZE x HIDDEN]
//     (q, k)[j, j + h] = rotation[j] (q, k)[j, j + h],   h = HEAD_SIZE / 2, j < h
//
// A pair of rows is (j, j + h) of one head, so that it turns where it was computed. Where heads are normed before they turn
// (QUERY_KEY_NORM), queries and keys go to QUERY and KEY as they are, for turn.wgsl. Group 0: step. Group 1: 0 and 1 as in
// row_pairs.wgsl, then the input's, 5 keys and 6 values as in cache.wgsl.

@group(1) @binding(6) var<storage, read_write> values: array<f32>;

fn put_pair(pair: u32, x: vec2f) {
	let head = pair / HALF;
	let channel = pair % HALF;
	if (head < HEADS) {
		var query = x;
		if (!QUERY_KEY_NORM) { query = turned(x, channel); }
		activations[QUERY + head * HEAD_SIZE + channel] = query.x;
		activations[QUERY + head * HEAD_SIZE + channel + HALF] = query.y;
	} else if (head < HEADS + KEY_VALUE_HEADS) {
		let key_head = head - HEADS;
		if (QUERY_KEY_NORM) {
			activations[KEY + key_head * HEAD_SIZE + channel] = x.x;
			activations[KEY + key_head * HEAD_SIZE + channel + HALF] = x.y;
		} else {
			put_key(key_head, channel, turned(x, channel));
		}
	} else {
		let first = value_index(head - HEADS - KEY_VALUE_HEADS, step.position % CAPACITY) + channel;
		values[first] = x.x;
		values[first + HALF] = x.y;
	}
}
