/**
 * Public keys (SubjectPublicKeyInfo) that OpenSSL made; the private keys are gone.
 *
 * @module
 */

import { Buffer } from "node:buffer";

function decode(...lines: string[]): Uint8Array {
  return new Uint8Array(Buffer.from(lines.join(""), "base64"));
}

export const RSA_2048 = decode(
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAt20wl2m0EXyeTc9iPANRmMMN3p84+o3M+a5Z8guXb9BVsde95+zJ",
  "o2j32hC74CgU8o5bmIwpcPF7shHY6CUH2m8EjffxRtdSAC+/yn7/aGXlI2VzHgIy7EvfAvpTpDUrC59Q7Aijy4dhlxcqHl6W",
  "T0ColPn9vdP+CJXbgu8QHjpJsQ+7in6mKyZGji+8mbSmtVmlpGgKSzGc7tSo+NWbnMjVpYdVR7SlD3LgYMmq5rL6wd6l5lc9",
  "WaVH8/4Xa+m9Y0DpwTcwzlq49l2UYCop80CL66ZuhqyUBIzOK98t4Oer76BafeX+llk5mSRqwzQQ00IxP4mu4iTHdIzLmhbi",
  "kQIDAQAB",
);
export const RSASSA_PSS_1024 = decode(
  "MIGdMAsGCSqGSIb3DQEBCgOBjQAwgYkCgYEAvUhWuhDHvKUGGCt/Siblf9r3//YVkCPm4Q5P996ePNwiPRnddgj53fpPb+9u",
  "D4FHK2RAGsOgDcxOmeoQ64x6IOxMmdKROTLJ3d7vQHeAKyJFW59J+9SdU6bB3zqCPIsT5c4gMtqmHZIetdvWhAWIy0U7rrcB",
  "ZxOGU6UJnGqGc0ECAwEAAQ==",
);
export const P_256 = decode(
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIo6D5dvoV/kXFxiTw3sHBCw8/ze94ceKD0KXOmEaVzqDlL8at8+DPjDj5Il/",
  "/A/4yIBb6MnDkrnjmGhYz+yNBg==",
);
export const P_384 = decode(
  "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEOFZHZLWzNHFF3L9l2sX/bxvpdXmGhWpgG7BGAGGzthEdFK+e6IYFXBL3FI2vMYct",
  "r0DAjq8/A7nHHZCfdOQ0U2/o1SbAdTit9nVePMyy53JuTlxwXRT0y7pVA9RIXXPl",
);
export const P_521 = decode(
  "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBRClfLC4zDNPCEVTEOP3sDUujc/4yvZojkEbuN5dz+Zrx+1geeNNlbfV6q3ku",
  "LerXkLNSD+c+Wk6Uzt/2+IyFmV4BmihYoPQ9/CwCZKJQbm9rJIwk/mmjX2SwwmZPNHM7v6s3P5klLwqv9TWGs0QJc6wjFYUw",
  "MzoOoIObXDjEZ5bFFSI=",
);
export const EXPLICIT_CURVE = decode(
  "MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////MFsE",
  "IP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd",
  "NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84z",
  "V2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABNZJo/Oz5xVdXqwd7tiJ0fB/",
  "XRqupJoH7Syh34on4hoByxswCYvX07LBlF3w5mSv25JPjEy4LYeYYF93tTJ/lZ8=",
);
export const ED25519 = decode(
  "MCowBQYDK2VwAyEAVSNdmLMS3Q5B8dkuMljt9vg15GMLtqYQS6gg/n0EMmM=",
);
export const ED448 = decode(
  "MEMwBQYDK2VxAzoAOaOoxqMPZQxHKWwz5uagxECSAbTw71FSFDtQEfadWfnOLKM16d9cw/DhhLYXpZ/2fpy5fgJ9qkUA",
);
export const DSA_1024 = decode(
  "MIIBwDCCATQGByqGSM44BAEwggEnAoGBAOIOQXaP4XqI0JpsKepD2OTkygNd34bRGxb9At/QLk8vM6C0qjBl+4mvEi2hP40V",
  "bV4cSlzzipgdm5NCfrRdT+4lK6o9AZ1x6jOHVHJJ26kCQ6w+eyMD01sRls7qSejcYLCNKGoALSZJ0/qYyUanIz69QDBIDqb5",
  "kr0SkE3RO0SZAh0A+faFbQ6OoH1demohf/gy81/lsTEXeG8I8/+gSQKBgQDX5A4QnxCPdZVX7tMSd1a5uAnQv8PvEi/Y9It9",
  "DjzKDf2vlHAEBF2UD7DxuIiNtymnKSL9bITnaxeTopWXhk0CjFa5DsKjcx3G1FoFH5uvdreJTbYAtdW7YHfPNJDObAMo8f3A",
  "cBgwnm+SaWA0UQOU4ggKJqFn4tlGKnRNqyze9wOBhQACgYEAvbH9Mq4m/b5kQTokqNTAzOs3+0NG3/Ro/plE5RavWIZ1P1lZ",
  "G2t+BxsnYhIJr02ClMps7Z69YYn4OomCb3ru3FhZg4NK14riRaEFXGTY+C25tadLzo+hjrDOSzdtMtk8l/6LKx7PKPHuZn9a",
  "qvEhhnHhBJeZVUqoomC9q3sWTvc=",
);
