<?php

/**
 * An action server in one file: a menu, a transfer, a voicemail box.
 *
 *     OFFHOOK_SECRET=... php -S 127.0.0.1:9000 action_server.php
 *
 * OFFHOOK_SECRET is what rotateSigningSecret() returned; while an old one still signs, both, with a blank between.
 */

declare(strict_types=1);

use Offhook\Errors\SignatureRefused;
use Offhook\Prompt;
use Offhook\Script;
use Offhook\Signature;

require __DIR__ . '/../autoload.php';

const OFFICE = '+81-3-5550-0123';

/** @param array<string, string> $call */
function answer(array $call): Script
{
    $script = new Script();
    if (($call['anonymous'] ?? '') === '1') {
        return $script->reject('declined');
    }
    $menu = Prompt::say('en', 'For the office press one, to leave a message press two.');
    return match ([$call['event'], $call['digits'] ?? '']) {
        ['incoming', ''] => $script->gather($menu, digits: 1, timeout: 8),
        ['gather', '1'] => $script
            ->transfer(OFFICE, ring: 20)
            ->voicemail(Prompt::say('en', 'Nobody is here.'), next: 'self'),
        ['gather', '2'] => $script->voicemail(Prompt::say('en', 'Please speak after the tone.'), next: 'self'),
        ['voicemail', ''] => $script->say('en', 'Thank you. Goodbye.'),
        default => $script->say('en', 'Sorry, that did not work. Please call again.')->hangup(),
    };
}

$secrets = preg_split('/\s+/', (string) getenv('OFFHOOK_SECRET'), -1, PREG_SPLIT_NO_EMPTY);
header('Content-Type: text/plain; charset=utf-8');
try {
    $header = $_SERVER['HTTP_OFFHOOK_SIGNATURE'] ?? null;
    $call = Signature::verifyRequest($header, $_SERVER['QUERY_STRING'] ?? '', $secrets);
    echo answer($call)->text();
} catch (SignatureRefused $refused) {
    http_response_code(403);
    echo "{$refused->getMessage()}\n";
}
