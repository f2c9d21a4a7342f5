import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";

import { limits } from "../../limits.ts";
import { safePath } from "../../server/answers.ts";
import { currentAccount, refusalOf, type Search } from "../../server/visitor.ts";
import { Field, FormProblem } from "../../view/field.tsx";
import { SiteHeader } from "../../view/site-header.tsx";

export const metadata: Metadata = { title: "Log in" };

export default async function LoginPage({ searchParams }: { searchParams: Search }) {
  const next = safePath((await searchParams)["next"]);
  if ((await currentAccount()) !== undefined) redirect(next);
  const refusal = await refusalOf("login", searchParams);
  return (
    <div className="site">
      <SiteHeader />
      <main className="card">
        <h1>Welcome back</h1>
        <form method="post" action="/forms/login">
          <FormProblem text={refusal?.problems["form"]} />
          <input type="hidden" name="next" value={next} />
          <Field
            label="E-mail"
            name="email"
            type="email"
            required
            maxLength={limits.email}
            autoComplete="username"
            defaultValue={refusal?.values["email"]}
            problem={refusal?.problems["email"]}
          />
          <Field
            label="Password"
            name="password"
            type="password"
            required
            maxLength={limits.passwordMax}
            autoComplete="current-password"
            problem={refusal?.problems["password"]}
          />
          <button className="button" type="submit">
            Log in
          </button>
        </form>
        <p className="card-foot">
          New here? <Link href={`/signup?next=${encodeURIComponent(next)}`}>Create an account</Link>
        </p>
      </main>
    </div>
  );
}
