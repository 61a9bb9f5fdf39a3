/** Variables by which a build reaches neither the network nor the caches that other builds write. */

/** A port that is reserved and on which nobody listens, so that a request fails at once. */
const deadProxy = 'http://127.0.0.1:9';

/** Each tool has its own switch; the proxy stops those that have none. */
export const offlineEnvironment: Readonly<Record<string, string>> = {
  http_proxy: deadProxy,
  https_proxy: deadProxy,
  all_proxy: deadProxy,
  HTTP_PROXY: deadProxy,
  HTTPS_PROXY: deadProxy,
  ALL_PROXY: deadProxy,
  no_proxy: 'localhost,127.0.0.1,::1',
  NO_PROXY: 'localhost,127.0.0.1,::1',
  npm_config_offline: 'true',
  CARGO_NET_OFFLINE: 'true',
  RUSTUP_AUTO_INSTALL: '0',
  GOPROXY: 'off',
  GONOPROXY: 'none',
  GOPRIVATE: '',
  GOVCS: '*:off',
  GOTOOLCHAIN: 'local',
  PIP_NO_INDEX: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  UV_OFFLINE: '1',
  COMPOSER_DISABLE_NETWORK: '1',
};
