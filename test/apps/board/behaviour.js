/** Edited by the tests: what this release does wrong. */
export const behaviour = "good";
export const revision = 1;
