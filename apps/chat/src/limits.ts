/** Lengths in characters, for the browser's checks and the server's. */
export const limits = {
  name: 60,
  email: 254,
  title: 80,
  passwordMin: 10,
  passwordMax: 200,
  message: 4000,
} as const;
