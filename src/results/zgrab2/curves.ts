/** Parameters of a curve, numbers as base64 of their octets without leading zeros; the bits of its field. */
export interface CurveFields {
  readonly b: string;
  readonly gx: string;
  readonly gy: string;
  readonly length: number;
  readonly n: string;
  readonly p: string;
}

/** The curves that zcrypto knows (NIST SP 800-186, 3.2.1), which tells their parameters in each key. */
export const CURVES: ReadonlyMap<string, CurveFields> = new Map([
  ["P-224", {
    b: "tAUKhQwEs6v1QTJWUESwt9e/2LonCzlDI1X/tA==",
    gx: "tw4MvWu0v38yE5C5SgPB01bCESI0MoDWEVwdIQ==",
    gy: "vTdjiLX3I/tMIt/mzUN1oFoHR2RE1YGZhQB+NA==",
    length: 224,
    n: "//////////////////8WouC48D4T3SlFXFwqPQ==",
    p: "/////////////////////wAAAAAAAAAAAAAAAQ==",
  }],
  ["P-256", {
    b: "WsY12Ko6k+ez671VdpiGvGUdBrDMU7D2O848PifSYEs=",
    gx: "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY=",
    gy: "T+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=",
    length: 256,
    n: "/////wAAAAD//////////7zm+q2nF56E87nKwvxjJVE=",
    p: "/////wAAAAEAAAAAAAAAAAAAAAD///////////////8=",
  }],
  ["P-384", {
    b: "szEvp+I+5+SYjgVr4/gtGRgdnG7+gUESAxQIj1ATh1rGVjmNii7RnSqFyO3T7Crv",
    gx: "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
    gy: "NhfeSpYmLG9dnpi/kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f",
    length: 384,
    n: "////////////////////////////////x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSlz",
    p: "//////////////////////////////////////////7/////AAAAAAAAAAD/////",
  }],
  ["P-521", {
    b: "UZU+uWGOHJofkpohoLaFQO6i2nJbmbMV87i0iZGO8QnhVhk5Uex+k3sWUsC9O7G/BzVz34g9LDTx70Uf1GtQPwA=",
    gx: "xoWOBrcEBOnNnj7LZiOVtEKcZIE5BT+1Ifgor2BrTT26oUted+/nWSj+HcEnov+o3jNIs8GFakKb+X5+McLlvWY=",
    gy: "ARg5KWp4mjvABFyKX7QsfRvZmPVESVebRGgXr70XJz5mLJfucple9CZAxVC5AT+tB2E1PHCGonLCQIi+lHaf0WZQ",
    length: 521,
    n: "Af//////////////////////////////////////////+lGGh4O/L5Zrf8wBSPcJpdA7tcm4iZxHrrtvtx6ROGQJ",
    p: "Af//////////////////////////////////////////////////////////////////////////////////////",
  }],
]);
