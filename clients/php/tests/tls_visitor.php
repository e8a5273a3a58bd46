<?php

/** Asks for the account by one transport (`curl` or `streams`), and prints its name, or why no answer came. */

declare(strict_types=1);

use Offhook\Client;
use Offhook\Errors\NetworkError;
use Offhook\Http\CurlTransport;
use Offhook\Http\StreamTransport;
use Offhook\Retries;

require __DIR__ . '/../autoload.php';

[, $kind, $url] = $argv;
$transport = $kind === 'curl' ? new CurlTransport() : new StreamTransport();
try {
    $client = new Client($url, 'shop', 'token', 5.0, new Retries(1), $transport);
    echo $client->getAccount()['name'];
} catch (NetworkError $error) {
    echo $error->fault->value;
}
