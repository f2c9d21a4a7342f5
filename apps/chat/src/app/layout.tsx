import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";

import { Footer } from "../view/footer.tsx";

import "../styles/base.css";
import "../styles/site.css";
import "../styles/workspace.css";
import "../styles/conversation.css";

export const metadata: Metadata = {
  title: { default: "Quayside", template: "%s · Quayside" },
  description: "Sessions that several people share, live.",
};

export const viewport: Viewport = {
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f5f3ee" },
    { media: "(prefers-color-scheme: dark)", color: "#0e191d" },
  ],
};

export default async function Layout({ children }: { children: ReactNode }) {
  // Every page carries the nonce of its request, so none may be made beforehand.
  await headers();
  return (
    <html lang="en">
      <body>
        <div className="page">{children}</div>
        <Footer />
      </body>
    </html>
  );
}
