import { BlockList, isIP } from "node:net";

/** Whether an address lies in a CIDR range such as `203.0.113.0/24`, or is the one given. */
export function isInRange(address: string, range: string): boolean {
  const [network = "", bits] = range.split("/");
  const version = isIP(network);
  if (version === 0 || isIP(address) !== version) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, bits === undefined ? (version === 4 ? 32 : 128) : Number(bits), family);
  return list.check(address, family);
}
