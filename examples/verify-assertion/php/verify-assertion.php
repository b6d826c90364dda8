<?php
// Who is it? The check that a chat server in PHP makes for every request from the gateway. firebase/php-jwt 6 or 7.
declare(strict_types=1);

require getenv('PHP_AUTOLOAD') ?: __DIR__ . '/vendor/autoload.php';

use Firebase\JWT\ExpiredException;
use Firebase\JWT\JWK;
use Firebase\JWT\JWT;

const REQUIRED = ['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'customer', 'connection', 'variables'];

/** The request must not be served as the person it speaks of. */
final class Refused extends Exception
{
}

/** The gateway's key set as JSON, from its own address only; kept for ten minutes where APCu is there. */
function keySet(string $url, bool $again): string
{
    $cached = function_exists('apcu_enabled') && apcu_enabled();
    $json = $cached ? apcu_fetch("keys $url") : false;
    // a flood of unknown key ids must not become a flood of fetches
    if ($json !== false && !($again && apcu_add("asked $url", true, 30))) {
        return $json;
    }
    $context = stream_context_create(['http' => ['timeout' => 5, 'follow_location' => 0]]);
    $fetched = @file_get_contents($url, false, $context, 0, 65536);
    if (!is_array(json_decode((string) $fetched, true)['keys'] ?? null)) {
        return $json === false ? throw new Refused('keys_unavailable') : $json;
    }
    $cached && apcu_store("keys $url", $fetched, 600);
    return $fetched;
}

/** Those keys that sign assertions, by their ids. With `alg` fixed here, the library takes no other from the token. */
function keys(string $url, bool $again = false): array
{
    $usable = array_filter(json_decode(keySet($url, $again), true)['keys'], fn ($key) =>
        ($key['kty'] ?? '') === 'EC' && ($key['crv'] ?? '') === 'P-256' && ($key['alg'] ?? 'ES256') === 'ES256');
    return $usable === [] ? [] : JWK::parseKeySet(['keys' => $usable], 'ES256');
}

/** The claims of a good assertion. The library checks signature, `exp` and `iat`; the rest is ours. */
function verify(string $assertion): stdClass
{
    JWT::$leeway = 5;
    try {
        $header = json_decode(JWT::urlsafeB64Decode(explode('.', $assertion)[0]));
        $kid = $header->kid ?? null;
        if (($header->typ ?? '') !== 'JWT' || !is_string($kid)) {
            throw new Refused('assertion_refused');
        }
        $keys = keys(getenv('JWKS_URL'));
        $keys = isset($keys[$kid]) ? $keys : keys(getenv('JWKS_URL'), true);
        $claims = JWT::decode($assertion, $keys);
    } catch (ExpiredException $error) {
        throw new Refused('assertion_expired');
    } catch (UnexpectedValueException | DomainException | InvalidArgumentException | TypeError $error) {
        throw new Refused('assertion_refused');
    }
    foreach (REQUIRED as $name) {
        isset($claims->$name) || throw new Refused('assertion_refused');
    }
    $claims->exp - $claims->iat <= 60 || throw new Refused('assertion_refused');
    $claims->iss === getenv('ISSUER') || throw new Refused('assertion_issuer');
    $claims->aud === getenv('AUDIENCE') || throw new Refused('assertion_audience');
    return $claims;
}

/** A plain header, decoded: rawurldecode, not urldecode, for a plus sign is a plus sign. */
function plain(array $server, string $name): ?string
{
    $value = $server["HTTP_X_SECURE_CHAT_$name"] ?? null;
    return $value === null ? null : rawurldecode($value);
}

/** In a server: `identify($_SERVER)`. */
function identify(array $server): array
{
    $assertion = $server['HTTP_X_SECURE_CHAT_ASSERTION'] ?? throw new Refused('assertion_missing');
    $claims = verify($assertion);
    return [
        'ok' => true,
        'sub' => $claims->sub,
        'nickName' => $claims->nickName ?? null,
        'variables' => $claims->variables,
        'plain' => [
            'nickName' => plain($server, 'NICKNAME'),
            'variables' => json_decode(plain($server, 'VARIABLES') ?? '[]'),
        ],
    ];
}

// One request a line: {"Header-Name": ["value"], ...}, made here what a web server makes of it.
while (($line = fgets(STDIN)) !== false) {
    $server = [];
    foreach (json_decode($line, true) as $name => $values) {
        $server['HTTP_' . strtoupper(strtr($name, '-', '_'))] = implode(', ', $values);
    }
    try {
        $answer = identify($server);
    } catch (Refused $refused) {
        $answer = ['ok' => false, 'error' => $refused->getMessage()];
    }
    echo json_encode($answer, JSON_THROW_ON_ERROR), "\n";
}
