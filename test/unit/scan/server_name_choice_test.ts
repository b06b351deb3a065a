import { deepEqual, equal } from "node:assert/strict";
import { chooseNames } from "../../../src/scan/server_name_choice.ts";

const lookUp = (address: string) => Promise.resolve(`name-of-${address}`);
const never = () => {
  throw new Error("Cannot look up: nobody asked for it");
};

Deno.test("names given with the target come first, in their order", () => {
  for (const policy of ["given", "reverse", { name: "c.example" }] as const) {
    deepEqual(chooseNames(["a.example", "b.example"], policy, "192.0.2.1", never), {
      names: ["a.example", "b.example"],
    });
  }
});

Deno.test("a target without names is asked as the policy says", async () => {
  deepEqual(chooseNames([], "given", "192.0.2.1", never), { names: [undefined] });
  deepEqual(chooseNames([], { name: "c.example" }, "192.0.2.1", never), { names: ["c.example"] });
  const { names, resolved } = chooseNames([], "reverse", "192.0.2.1", lookUp);
  deepEqual(names, [undefined]);
  equal(await resolved, "name-of-192.0.2.1");
});

Deno.test("a target that was given without a name too is asked without one, or as the policy says", () => {
  deepEqual(chooseNames([undefined, "a.example"], "given", "192.0.2.1", never).names, [
    undefined,
    "a.example",
  ]);
  const names = (policy: string) =>
    chooseNames([undefined, "a.example"], { name: policy }, "192.0.2.1", never).names;
  deepEqual(names("c.example"), ["c.example", "a.example"]);
  deepEqual(names("a.example"), ["a.example"]);
});

Deno.test("none is none, whatever the target brings", () => {
  deepEqual(chooseNames(["a.example"], "none", "192.0.2.1", never), { names: [undefined] });
});
