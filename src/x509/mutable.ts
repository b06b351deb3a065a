/** A record while its parser still fills it in. */
export type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };
