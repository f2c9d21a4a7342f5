import type { Config } from "fairlead";

export default {
  application: "board",
  drainSeconds: 5,
  environments: { production: {} },
} satisfies Config;
