/** Dummy credentials; the access key says which process of the local cloud is calling. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

const KEY_LENGTH = 20;

/** Return credentials whose access key carries `name` (letters and digits), in the shape that AWS keys have. */
export function keysOf(name: string): Keys {
  return {
    accessKeyId: `LOCAL${name}`.padEnd(KEY_LENGTH, '0').slice(0, KEY_LENGTH),
    secretAccessKey: 'local',
  };
}

/** Read the access key out of a signed request's `Authorization` header. */
export function accessKeyOf(authorization: string | undefined): string | undefined {
  return /Credential=([A-Z0-9]+)\//.exec(authorization ?? '')?.[1];
}
