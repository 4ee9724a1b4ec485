// A real OpenID provider on a loopback port, for test_oidc.py: node oidc_provider.mjs PORT SITE
import { Provider } from "oidc-provider";

const [port, site] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "yudi",
      client_secret: "secret-of-the-tests",
      redirect_uris: [`${site}/login/sso/back`],
      post_logout_redirect_uris: [`${site}/`],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  scopes: ["openid", "profile"],
  claims: { openid: ["sub", "groups"], profile: ["name"] },
  conformIdTokenClaims: false,
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `Person ${id}`, groups: id.startsWith("approver") ? ["Approvals"] : [] }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
