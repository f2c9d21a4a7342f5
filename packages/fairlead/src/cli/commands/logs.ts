import { FairleadError } from "../../kernel/index.ts";

export function run(): Promise<void> {
  return Promise.reject(new FairleadError("not-built", "`fairlead logs` does not exist yet"));
}
