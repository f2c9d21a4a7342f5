// Runs a fairlead command line that meets a fault at a journalled point: `deployer.ts kill|interrupt <point>[+<ms>] deploy …`.
import { main } from "../../packages/fairlead/src/cli/main.ts";
import { testContext } from "../../packages/fairlead/src/kernel/index.ts";

const [fault = "", faultPoint = "", ...argv] = process.argv.slice(2);
const [point = "", delay = "0"] = faultPoint.split("+");
const interrupt = new AbortController();
const context = testContext({ signal: interrupt.signal });

function strike(): void {
  if (fault === "kill") process.kill(process.pid, "SIGKILL");
  else interrupt.abort();
}

const code = await main(argv, {
  ...context,
  reached(current) {
    if (current !== point) return;
    if (delay === "0") strike();
    else setTimeout(strike, Number(delay));
  },
});
process.exit(code);
