<?php

/**
 * Finds a free number, subscribes it and lets your action server answer its calls.
 *
 *     export OFFHOOK_URL=http://127.0.0.1:8080 OFFHOOK_SID=shop OFFHOOK_TOKEN=secret
 *     php search_and_subscribe.php 8150 https://shop.example/calls
 */

declare(strict_types=1);

use Offhook\Client;
use Offhook\Errors\Conflict;
use Offhook\Errors\OffhookError;
use Offhook\Script;

require __DIR__ . '/../autoload.php';

if ($argc !== 3) {
    fwrite(STDERR, "usage: php $argv[0] PREFIX ACTION_URL\n");
    exit(2);
}
[, $prefix, $actionUrl] = $argv;

try {
    [$url, $sid, $token] = array_map(strval(...), array_map(getenv(...), ['OFFHOOK_URL', 'OFFHOOK_SID', 'OFFHOOK_TOKEN']));
    $offhook = new Client($url, $sid, $token);
    foreach ($offhook->getDinList(prefix: $prefix) as $number) {
        try {
            $mine = $offhook->subscribeDin($number['din_uid'], $actionUrl);
        } catch (Conflict) {
            // Somebody was faster; there are others.
            continue;
        }
        $sorry = (new Script())->say('en', 'We cannot be reached at the moment. Please call again later.');
        $offhook->setUrls($mine['din_uid'], defaultAction: $sorry);
        echo "+{$mine['din']} is yours and asks {$mine['action_url']}; it renews at {$mine['renews_at']}.\n";
        exit(0);
    }
    fwrite(STDERR, "No free number begins with $prefix.\n");
} catch (OffhookError $error) {
    fwrite(STDERR, "{$error->getMessage()}\n");
}
exit(1);
