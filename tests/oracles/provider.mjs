// A provider of OpenID Connect for tests: oidc-provider with its own pages for signing in, on this machine alone.
//
// The first argument is JSON: redirect, logout (addresses of ours), client, secret. It prints its issuer, takes lines of
// JSON {account, groups} that say in which groups somebody is by now, and ends with its input.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

// The package prints notices of its own; what is ours alone goes to the output.
console.info = console.warn = console.log = console.error
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`)

const { Provider } = await import('oidc-provider')
const { redirect, logout, client, secret } = JSON.parse(process.argv[2])
const groups = {}

const configuration = {
  clients: [{
    client_id: client,
    client_secret: secret,
    redirect_uris: [redirect],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    backchannel_logout_uri: logout,
    backchannel_logout_session_required: true,
  }],
  claims: { openid: ['sub', 'groups', 'preferred_username'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['of these tests alone'] },
  features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
  // Its own way refuses addresses of this machine, and no other is asked here.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [] }),
  }),
}

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, configuration)
  provider.on('server_error', (_, error) => console.error(error))
  provider.on('backchannel.error', (_, error) => console.error(error))
  server.on('request', provider.callback())
  say({ issuer })
})

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const told = JSON.parse(line)
    groups[told.account] = told.groups
    say(told)
  })
  .on('close', () => process.exit(0))
