/** When a JWT was made, milliseconds since 1970; undefined when it does not say. It is not verified: that is for whoever it is shown to. */
export function issuedAt(jwt: string): number | undefined {
  try {
    const { iat } = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as { iat?: unknown };
    return typeof iat === 'number' ? iat * 1000 : undefined;
  } catch {
    return undefined;
  }
}
