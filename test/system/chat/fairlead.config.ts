// The reference application under a configuration of the tests' own, so that its state does not meet a person's.
export default {
  application: "chat",
  path: "../../../apps/chat",
  variables: {
    SESSION_SECRET: { secret: true, generate: true },
    LOG_LEVEL: { default: "warn" },
    RATE_LIMIT_SCALE: { default: "100" },
  },
  watch: { seconds: 3 },
  environments: { production: { port: Number(process.env["CHAT_PORT"] ?? 3390), instances: 2 } },
};
