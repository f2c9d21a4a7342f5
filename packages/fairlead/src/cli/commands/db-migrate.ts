import { FairleadError } from "../../kernel/index.ts";

export function run(): Promise<void> {
  return Promise.reject(new FairleadError("not-built", "`fairlead db migrate` does not exist yet"));
}
