import perfectionist from "eslint-plugin-perfectionist";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

// Node.js built-ins first, then packages, then our own packages, then files from far to near.
/** @type {import("eslint").Linter.RulesRecord} */
const sortedImports = {
  "perfectionist/sort-imports": [
    "error",
    {
      type: "natural",
      internalPattern: ["^@/", "^@fairlead/", "^fairlead$"],
      groups: ["builtin", "external", "internal", ["parent", "sibling", "index"], "style", "unknown"],
      newlinesBetween: 1,
    },
  ],
  "perfectionist/sort-named-imports": ["error", { type: "natural", ignoreAlias: true }],
  "perfectionist/sort-named-exports": ["error", { type: "natural", ignoreAlias: true }],
};

export default defineConfig(
  globalIgnores([
    "**/dist/",
    "**/.next/",
    "**/coverage/",
    "**/.fairlead/",
    "**/next-env.d.ts",
    "examples/",
    "test/apps/",
  ]),
  {
    files: ["**/*.{ts,tsx,js,mjs}"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { perfectionist },
    rules: {
      ...sortedImports,
      "no-console": "error",
      eqeqeq: "error",
      "no-restricted-syntax": [
        "error",
        { selector: "TSEnumDeclaration", message: "Only erasable syntax: use a union of literals." },
        { selector: "ExportDefaultDeclaration > ArrowFunctionExpression", message: "Name what you export." },
      ],
    },
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // `process.env["X"]` is what noPropertyAccessFromIndexSignature asks for.
      "@typescript-eslint/dot-notation": "off",
      // `const { left, ...rest } = all` is how a key is taken out.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true, argsIgnorePattern: "^_" }],
      // Methods of our interfaces are closures: none uses `this`.
      "@typescript-eslint/unbound-method": "off",
      // A command gives its exit code or nothing.
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // `while (true)` is never written; `for (;;)` and literal conditions of generics are.
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
    },
  },
  {
    files: ["**/*.test.ts", "**/test/**/*.ts"],
    rules: {
      // Matchers such as expect.any() are typed any.
      "@typescript-eslint/no-unsafe-assignment": "off",
    },
  },
  {
    // These print the tables that they have measured.
    files: ["test/system/**", "test/faults/**", "bench/**"],
    rules: { "no-console": "off" },
  },
  {
    files: ["apps/**/*.{ts,tsx}"],
    extends: [reactHooks.configs.flat.recommended],
  },
);
