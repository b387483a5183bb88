import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    globalSetup: ["test/support/global-setup.ts"],
    // Processes, not threads: tests send signals and change the working directory.
    pool: "forks",
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
