<?php

/** Both ways to send a request; each test of the network runs with each. */

declare(strict_types=1);

use Offhook\Client;
use Offhook\Http\CurlTransport;
use Offhook\Http\StreamTransport;
use Offhook\Http\Transport;
use Offhook\Retries;

/**
 * Make a test of each kind out of tests that take what makes a client.
 *
 * @param array<string, Closure> $tests
 * @return array<string, Closure>
 */
function with_each_transport(array $tests): array
{
    $kinds = ['streams' => static fn (): Transport => new StreamTransport()];
    if (function_exists('curl_init')) {
        $kinds['curl'] = static fn (): Transport => new CurlTransport();
    }
    $all = [];
    foreach ($kinds as $kind => $make) {
        $client = static fn (string $url, ?Retries $retries = null, float $timeoutS = 5.0): Client
            => new Client($url, 'shop', 'tok-secret', $timeoutS, $retries ?? new Retries(1), $make());
        foreach ($tests as $sentence => $test) {
            $all["$sentence ($kind)"] = static fn () => $test($client);
        }
    }
    return $all;
}
