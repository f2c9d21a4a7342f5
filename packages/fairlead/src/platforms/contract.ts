import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Context } from "../kernel/index.ts";
import type { Platform, StartRequest } from "./port.ts";

/** One platform with one empty environment, for the contract suite. */
export interface PlatformFixture {
  platform: Platform;
  context: Context;
  environment: string;
  /** A request for a deployment whose application answers `version`; a broken one never becomes healthy. */
  request(
    deploymentId: string,
    version: string,
    parts?: { isBroken?: boolean; token?: number },
  ): StartRequest;
  /** What the public address answers: a version, or `undefined` when nobody does. */
  ask(): Promise<string | undefined>;
  dispose(): Promise<void>;
}

/** What every platform has to do, whatever it runs releases on. */
export function platformContract(name: string, makeFixture: () => Promise<PlatformFixture>): void {
  describe(`${name} keeps the platform contract`, () => {
    let fixture: PlatformFixture;
    beforeEach(async () => {
      fixture = await makeFixture();
    });
    afterEach(async () => {
      await fixture.dispose();
    });

    const start = (id: string, version: string, parts?: { isBroken?: boolean; token?: number }) =>
      fixture.platform.start(fixture.context, fixture.request(id, version, parts));
    const switchTo = (deploymentId: string, token?: number) =>
      fixture.platform.switch(fixture.context, {
        environment: fixture.environment,
        deploymentId,
        ...(token === undefined ? {} : { token }),
      });
    const stop = (deploymentId: string, token?: number) =>
      fixture.platform.stop(fixture.context, {
        environment: fixture.environment,
        deploymentId,
        ...(token === undefined ? {} : { token }),
      });
    const observe = () => fixture.platform.observe(fixture.context, fixture.environment);
    const stateOf = async (id: string) => (await observe()).deployments.find((one) => one.id === id)?.state;

    it("observes an empty environment without an error", async () => {
      const view = await observe();
      expect(view.active).toBeUndefined();
      expect(view.deployments).toEqual([]);
      expect(view.address).toMatch(/^https?:\/\//);
    });

    it("finds no problem in an environment that can be used", async () => {
      expect(await fixture.platform.check(fixture.context, fixture.environment)).toEqual([]);
    });

    it("starts a deployment healthy and dark", async () => {
      const view = await start("one", "1");
      expect(view).toMatchObject({ id: "one", state: "ready", release: { version: "1" } });
      expect(view.privateAddress).toMatch(/^http/);
      expect(view.instances).toHaveLength(1);
      expect((await observe()).active).toBeUndefined();
      expect(await fixture.ask()).toBeUndefined();
    });

    it("starts a deployment once, however often it is asked", async () => {
      const first = await start("one", "1");
      const second = await start("one", "1");
      expect(second.instances).toEqual(first.instances);
      expect((await observe()).deployments).toHaveLength(1);
    });

    it("gives the public address to a ready deployment, and back", async () => {
      await start("one", "1");
      expect((await switchTo("one")).from).toBeUndefined();
      expect(await fixture.ask()).toBe("1");
      await start("two", "2");
      expect(await fixture.ask()).toBe("1");
      expect((await switchTo("two")).from).toBe("one");
      expect(await fixture.ask()).toBe("2");
      expect(await observe()).toMatchObject({ active: "two", previous: "one" });
      expect((await switchTo("one")).from).toBe("two");
      expect(await fixture.ask()).toBe("1");
      expect(await observe()).toMatchObject({ active: "one", previous: "two" });
    });

    it("does nothing when it switches to the active deployment", async () => {
      await start("one", "1");
      await switchTo("one");
      const before = await observe();
      expect((await switchTo("one")).from).toBeUndefined();
      expect((await observe()).active).toBe(before.active);
      expect(await fixture.ask()).toBe("1");
    });

    it("refuses to switch to a deployment that is unknown, stopped or failed", async () => {
      await start("one", "1");
      await stop("one");
      await expect(switchTo("nobody")).rejects.toMatchObject({ code: "not-ready" });
      await expect(switchTo("one")).rejects.toMatchObject({ code: "not-ready" });
      await expect(start("bad", "3", { isBroken: true })).rejects.toMatchObject({ code: "start-failed" });
      await expect(switchTo("bad")).rejects.toMatchObject({ code: "not-ready" });
    });

    it("leaves everything as it was when a deployment does not start", async () => {
      await start("one", "1");
      await switchTo("one");
      const failure = await start("bad", "2", { isBroken: true }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "start-failed" });
      const view = await observe();
      expect(view.active).toBe("one");
      const bad = view.deployments.find(({ id }) => id === "bad");
      expect(bad).toMatchObject({ state: "failed", instances: [] });
      expect(bad?.failure?.reason).not.toBe("");
      expect(await fixture.ask()).toBe("1");
    });

    it("stops what is not active, again and again, and refuses the active one", async () => {
      await start("one", "1");
      await switchTo("one");
      await expect(stop("one")).rejects.toMatchObject({ code: "deployment-active" });
      expect(await fixture.ask()).toBe("1");
      await start("two", "2");
      await stop("two");
      await stop("two");
      await stop("nobody");
      expect(await stateOf("two")).toBe("stopped");
      expect(await stateOf("one")).toBe("active");
    });

    it("starts a stopped deployment again", async () => {
      await start("one", "1");
      await stop("one");
      expect((await start("one", "1")).state).toBe("ready");
      await switchTo("one");
      expect(await fixture.ask()).toBe("1");
    });

    it("refuses tokens older than the newest it has seen", async () => {
      await start("one", "1", { token: 5 });
      await switchTo("one", 6);
      await start("two", "2", { token: 6 });
      await expect(switchTo("two", 5)).rejects.toMatchObject({ code: "fenced" });
      await expect(start("three", "3", { token: 5 })).rejects.toMatchObject({ code: "fenced" });
      await expect(stop("two", 5)).rejects.toMatchObject({ code: "fenced" });
      expect(await fixture.ask()).toBe("1");
      await switchTo("two", 7);
      expect(await fixture.ask()).toBe("2");
    });

    it("lists the newest deployment first", async () => {
      await start("one", "1");
      await start("two", "2");
      expect((await observe()).deployments.map(({ id }) => id)).toEqual(["two", "one"]);
    });
  });
}
