<?php

declare(strict_types=1);

namespace Offhook;

use Offhook\Http\Api;
use Offhook\Http\BaseUrl;
use Offhook\Http\Credentials;
use Offhook\Http\CurlTransport;
use Offhook\Http\StreamTransport;
use Offhook\Http\Transport;

/**
 * The HTTP API of a platform.
 *
 * Documents are arrays as the API's JSON has them. Lists are generators that ask for the next page when it is
 * needed, so their errors come when they are walked through. Every error is an Errors\OffhookError.
 */
final class Client
{
    use Methods\Numbers;
    use Methods\Subscriptions;
    use Methods\Rules;
    use Methods\Calls;
    use Methods\Recordings;
    use Methods\Account;

    private readonly Api $api;

    /**
     * @param string $baseUrl where the platform's API is, such as `https://api.example.com`
     * @param float $timeoutS how long one try may take, from its connection to its last byte; a recording 20 times as long
     * @param Transport|null $transport curl if the extension is there, else PHP's own streams
     */
    public function __construct(
        string $baseUrl,
        string $sid,
        #[\SensitiveParameter] string $token,
        float $timeoutS = 30.0,
        ?Retries $retries = null,
        ?Transport $transport = null,
    ) {
        $transport ??= function_exists('curl_init') ? new CurlTransport() : new StreamTransport();
        $base = new BaseUrl($baseUrl);
        $this->api = new Api($base, new Credentials($sid, $token), $transport, $retries ?? new Retries(), $timeoutS);
    }
}
