const STYLE = `
  :root { color-scheme: light dark; --paper: #f5f3ee; --ink: #14292f; --soft: #5a6c70; --accent: #0e5f66 }
  @media (prefers-color-scheme: dark) {
    :root { --paper: #0e191d; --ink: #e6eeee; --soft: #9bb0b4; --accent: #66c2c0 }
  }
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 2rem;
    background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif }
  main { max-width: 34rem } h1 { font-size: 1.6rem; margin: 0 0 .5rem }
  p { color: var(--soft); margin: 0 0 1rem }
  a { color: var(--accent) }
`;

/** A page of its own that is shown when the application's own pages cannot be made. Both texts are ours. */
export function unavailablePage({ title, text }: { title: string; text: string }): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Quayside</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${text}</p><p><a href="/">Go to the start page</a></p></main></body></html>`;
}

export const unavailableTexts = {
  title: "Back in a moment",
  text:
    "Quayside cannot reach its database right now. Nothing is lost: wait a few seconds and try again. " +
    "If you were sending a form, go back and what you typed is still there.",
};
