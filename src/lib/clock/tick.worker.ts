/** The tick worker: says "now" every 25 ms. It is a worker because the timers of a hidden page are throttled. */
const TICK_MILLISECONDS = 25;

setInterval(() => postMessage(null), TICK_MILLISECONDS);
