import type { ReactNode } from "react";

import { Mark } from "./brand.tsx";

/** A page that says one thing. */
export function Notice({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <main className="notice">
      <Mark />
      <h1>{title}</h1>
      <p>{text}</p>
      <div className="notice-actions">{children}</div>
    </main>
  );
}
