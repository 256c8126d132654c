/** The whole site is one static, client-side application. */
export const prerender = true;
export const ssr = false;
