import type { ResourceContext, ResourceHandler } from "#kernel";
import { ignoreMissing } from "./cloudformation-policies.ts";

/** AWS::IAM::OIDCProvider */
interface OidcProviderProperties {
  readonly Url: string;
  readonly ClientIdList?: readonly string[];
  readonly ThumbprintList?: readonly string[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export const oidcProvider: ResourceHandler<OidcProviderProperties> = {
  replaceOn: ["Url"],

  async create(properties, at) {
    const { OpenIDConnectProviderArn: arn = "" } = await at.call("iam", "CreateOpenIDConnectProvider", {
      Url: properties.Url,
      ClientIDList: [...(properties.ClientIdList ?? [])],
      ThumbprintList: [...(properties.ThumbprintList ?? [])],
      Tags: toTags(properties, at),
    });
    return { physicalId: arn, attributes: { Arn: arn } };
  },

  async update(properties, previous, resource, at) {
    const OpenIDConnectProviderArn = resource.physicalId;
    const [wanted, had] = [properties.ClientIdList ?? [], previous.ClientIdList ?? []];
    for (const ClientID of wanted.filter((one) => !had.includes(one)))
      await at.call("iam", "AddClientIDToOpenIDConnectProvider", { OpenIDConnectProviderArn, ClientID });
    for (const ClientID of had.filter((one) => !wanted.includes(one)))
      await at.call("iam", "RemoveClientIDFromOpenIDConnectProvider", { OpenIDConnectProviderArn, ClientID });
    const ThumbprintList = [...(properties.ThumbprintList ?? [])];
    if (ThumbprintList.join(" ") !== (previous.ThumbprintList ?? []).join(" "))
      await at.call("iam", "UpdateOpenIDConnectProviderThumbprint", { OpenIDConnectProviderArn, ThumbprintList });
    const tags = toTags(properties, at);
    const TagKeys = (previous.Tags ?? []).flatMap(({ Key }) => (tags.some((tag) => tag.Key === Key) ? [] : [Key]));
    if (TagKeys.length > 0) await at.call("iam", "UntagOpenIDConnectProvider", { OpenIDConnectProviderArn, TagKeys });
    if (tags.length > 0) await at.call("iam", "TagOpenIDConnectProvider", { OpenIDConnectProviderArn, Tags: tags });
    return resource;
  },

  delete: ({ physicalId: OpenIDConnectProviderArn }, _properties, at) =>
    ignoreMissing(at.call("iam", "DeleteOpenIDConnectProvider", { OpenIDConnectProviderArn })),
};

function toTags({ Tags }: OidcProviderProperties, at: ResourceContext): { Key: string; Value: string }[] {
  const all = { ...at.tags, ...Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [Key, Value])) };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}
