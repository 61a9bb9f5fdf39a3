/** Secrets without a format of their own, recognized by the issuer's name in the setting and by the shape of the value. */

export interface NamedSecretRule {
  readonly id: string;
  readonly title: string;
  /** Source of a regular expression for the issuer's name in the name of a variable or setting. Lower case. */
  readonly issuer: string;
  /** Source of a regular expression that matches the whole value. */
  readonly value: string;
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const hex32 = '[0-9a-f]{32}';

/** Sorted by id. The remaining part of the name must contain key, token, secret or similar: see `namedSecretPattern`. */
export const namedSecretRules: readonly NamedSecretRule[] = [
  { id: 'algolia_admin_key', title: 'Algolia admin key', issuer: 'algolia[_.-]?admin', value: hex32 },
  { id: 'beamer_token', title: 'Beamer token', issuer: 'beamer', value: 'b_[a-z0-9=_-]{44}' },
  { id: 'bitbucket_secret', title: 'Bitbucket secret', issuer: 'bitbucket', value: '[a-z0-9=_-]{32}|[a-z0-9=_-]{64}' },
  { id: 'bittrex_key', title: 'Bittrex key', issuer: 'bittrex', value: '[a-z0-9]{32}' },
  { id: 'cloudflare_key', title: 'Cloudflare key', issuer: 'cloudflare|cf', value: '[0-9a-f]{37}|[\\w-]{40}' },
  { id: 'codecov_token', title: 'Codecov token', issuer: 'codecov', value: `[a-z0-9]{32}|${uuid}` },
  { id: 'cohere_key', title: 'Cohere key', issuer: 'cohere|co_api', value: '[A-Za-z0-9]{40}' },
  { id: 'coinbase_key', title: 'Coinbase key', issuer: 'coinbase', value: '[\\w-]{64}' },
  { id: 'confluent_secret', title: 'Confluent secret', issuer: 'confluent', value: '[A-Za-z0-9+/]{64}|[A-Z0-9]{16}' },
  { id: 'contentful_delivery_token', title: 'Contentful token', issuer: 'contentful', value: '[\\w=-]{43}' },
  { id: 'datadog_key', title: 'Datadog key', issuer: 'datadog|dd', value: '[0-9a-f]{40}|[0-9a-f]{32}' },
  { id: 'discord_client_secret', title: 'Discord client secret', issuer: 'discord', value: '[\\w=-]{32}' },
  { id: 'drone_token', title: 'Drone CI token', issuer: 'drone(?:ci)?', value: '[A-Za-z0-9]{32}' },
  { id: 'dropbox_secret', title: 'Dropbox secret', issuer: 'dropbox', value: '[a-z0-9]{15}' },
  { id: 'etsy_key', title: 'Etsy key', issuer: 'etsy', value: '[a-z0-9]{24}' },
  { id: 'expo_token', title: 'Expo token', issuer: 'expo', value: '[\\w-]{40}' },
  { id: 'facebook_secret', title: 'Facebook app secret', issuer: 'facebook|fb', value: hex32 },
  { id: 'fastly_token', title: 'Fastly token', issuer: 'fastly', value: '[\\w=-]{32}' },
  { id: 'finicity_secret', title: 'Finicity secret', issuer: 'finicity', value: '[A-Za-z0-9]{20}|[0-9a-f]{32}' },
  { id: 'finnhub_key', title: 'Finnhub key', issuer: 'finnhub', value: '[a-z0-9]{20}' },
  { id: 'flickr_key', title: 'Flickr key', issuer: 'flickr', value: hex32 },
  { id: 'freshbooks_token', title: 'FreshBooks token', issuer: 'freshbooks', value: '[0-9a-z]{64}' },
  { id: 'gitter_token', title: 'Gitter token', issuer: 'gitter', value: '[\\w-]{40}' },
  { id: 'gocardless_token', title: 'GoCardless token', issuer: 'gocardless', value: '(?:live|sandbox)_[\\w=-]{40}' },
  { id: 'heroku_api_key', title: 'Heroku API key', issuer: 'heroku', value: uuid },
  { id: 'intercom_token', title: 'Intercom token', issuer: 'intercom', value: '[\\w=-]{60}' },
  { id: 'kraken_key', title: 'Kraken key', issuer: 'kraken', value: '[A-Za-z0-9/=_+-]{80,90}' },
  { id: 'kucoin_key', title: 'KuCoin key', issuer: 'kucoin', value: `[0-9a-f]{24}|${uuid}` },
  { id: 'launchdarkly_token', title: 'LaunchDarkly token', issuer: 'launchdarkly', value: '[\\w=-]{40}' },
  { id: 'linkedin_secret', title: 'LinkedIn secret', issuer: 'linked[_-]?in', value: '[A-Za-z0-9]{16}' },
  { id: 'lob_key', title: 'Lob key', issuer: 'lob', value: '(?:live|test)_[0-9a-f]{35}' },
  { id: 'looker_secret', title: 'Looker client secret', issuer: 'looker', value: '[a-z0-9]{24}' },
  {
    id: 'mailgun_signing_key',
    title: 'Mailgun signing key',
    issuer: 'mailgun',
    value: '[0-9a-f]{32}(?:-[0-9a-f]{8}-[0-9a-f]{8})?',
  },
  { id: 'mattermost_token', title: 'Mattermost token', issuer: 'mattermost', value: '[a-z0-9]{26}' },
  { id: 'meraki_key', title: 'Cisco Meraki key', issuer: 'meraki', value: '[0-9a-f]{40}' },
  { id: 'messagebird_key', title: 'MessageBird key', issuer: 'message[_-]?bird', value: '[A-Za-z0-9]{25}' },
  { id: 'netlify_access_token', title: 'Netlify token', issuer: 'netlify', value: '[\\w=-]{40,46}' },
  { id: 'nytimes_key', title: 'New York Times key', issuer: 'nytimes|newyorktimes', value: '[\\w=-]{32}' },
  { id: 'okta_token', title: 'Okta token', issuer: 'okta', value: '00[\\w=-]{40}' },
  { id: 'plaid_secret', title: 'Plaid secret', issuer: 'plaid', value: '[0-9a-f]{30}' },
  { id: 'privateai_key', title: 'Private AI key', issuer: 'private[_-]?ai', value: '[a-z0-9]{32}' },
  { id: 'rapidapi_token', title: 'RapidAPI key', issuer: 'rapid[_-]?api', value: '[\\w-]{50}' },
  { id: 'sendbird_token', title: 'Sendbird token', issuer: 'sendbird', value: '[0-9a-f]{40}' },
  { id: 'sentry_auth_token', title: 'Sentry token', issuer: 'sentry', value: '[0-9a-f]{64}' },
  { id: 'snyk_token', title: 'Snyk token', issuer: 'snyk', value: uuid },
  { id: 'squarespace_token', title: 'Squarespace token', issuer: 'squarespace', value: uuid },
  {
    id: 'sumologic_key',
    title: 'Sumo Logic key',
    issuer: 'sumo(?:logic)?',
    value: 'su[A-Za-z0-9]{12}|[A-Za-z0-9]{64}',
  },
  { id: 'travis_token', title: 'Travis CI token', issuer: 'travis', value: '[A-Za-z0-9]{22}' },
  { id: 'trello_token', title: 'Trello token', issuer: 'trello', value: '[A-Za-z0-9]{32}|[0-9a-f]{64}' },
  { id: 'twilio_auth_token', title: 'Twilio auth token', issuer: 'twilio', value: hex32 },
  { id: 'twitch_secret', title: 'Twitch secret', issuer: 'twitch', value: '[a-z0-9]{30}' },
  {
    id: 'twitter_secret',
    title: 'X (Twitter) secret',
    issuer: 'twitter',
    value: '[A-Za-z0-9]{25}|[A-Za-z0-9]{45,50}|\\d{15,25}-[A-Za-z0-9]{20,40}',
  },
  { id: 'zendesk_token', title: 'Zendesk token', issuer: 'zendesk', value: '[A-Za-z0-9]{40}' },
];
