<?php

/** Signatures, by the platform's own vectors where the checkout has them. */

declare(strict_types=1);

use Offhook\Errors\SignatureFault;
use Offhook\Errors\SignatureRefused;
use Offhook\Signature;

const T = 1790000000;
const QUERY = 'shop=7&caller=819012345678&recipient=815012345678&call_id=0f3a9c&event=incoming';
const SIGNED = 't=1790000000,n=call_id caller event recipient,v1=d60f1be0a38f01282e06a53957d859e17453e7c5844a6440cec0ef476585bedb';

$refused = static function (SignatureFault $fault, ?string $header, string|array $parameters, mixed $secrets, int $now = T): void {
    $error = raised(SignatureRefused::class, static fn () => Signature::verifyRequest($header, $parameters, $secrets, $now));
    same($fault, $error->fault);
};
$sign = static function (string $text, string $names, string $secret = 'whsec_first'): string {
    return 't=' . T . ",n=$names,v1=" . hash_hmac('sha256', T . "\n$text", $secret);
};

return [
    'each vector is taken or refused as it should be' => function (): void {
        $file = getenv('OFFHOOK_VECTORS') ?: __DIR__ . '/../../../../tests/vectors/signatures.json';
        if (!is_file($file)) {
            return;
        }
        $vectors = json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
        foreach ($vectors['signed'] as $vector) {
            foreach ($vector['secrets'] as $secret) {
                $wanted = array_map(strval(...), array_column($vector['parameters'], 1, 0));
                ksort($wanted, SORT_STRING);
                same($wanted, Signature::verifyRequest($vector['header'], $vector['query'], $secret, $vector['t']));
                same($wanted, Signature::verifyRequest($vector['header'], $vector['parameters'], [$secret], $vector['t']));
            }
        }
        foreach ($vectors['accepted'] as $vector) {
            Signature::verifyRequest($vector['header'], $vector['parameters'], $vector['secrets'], $vector['now']);
        }
        foreach ($vectors['refused'] as $vector) {
            raised(SignatureRefused::class, static fn () => Signature::verifyRequest(
                $vector['header'],
                $vector['parameters'],
                $vector['secrets'],
                $vector['now'],
            ));
        }
        same(true, count($vectors['refused']) > 10);
    },
    'each request and event is judged as in every language' => function (): void {
        $file = dirname(getenv('OFFHOOK_VECTORS') ?: __DIR__ . '/../../../../tests/vectors/signatures.json') . '/received.json';
        if (!is_file($file)) {
            return;
        }
        $isGood = static function (Closure $verify): bool {
            try {
                $verify();
                return true;
            } catch (SignatureRefused) {
                return false;
            }
        };
        $vectors = json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
        foreach ($vectors['requests'] as $one) {
            $verify = static fn () => Signature::verifyRequest($one['header'], $one['query'], $one['secrets'], $one['now']);
            same([$one['name'], $one['is_good']], [$one['name'], $isGood($verify)]);
        }
        foreach ($vectors['events'] as $one) {
            $body = base64_decode($one['body']);
            $verify = static fn () => Signature::verifyEvent($one['header'], $body, $one['secrets'], $one['now']);
            same([$one['name'], $one['is_good']], [$one['name'], $isGood($verify)]);
        }
        same(true, count($vectors['requests']) > 50);
    },
    'only what is signed is returned' => function (): void {
        $vouched = Signature::verifyRequest(SIGNED, QUERY, 'whsec_first', T);
        same(['call_id' => '0f3a9c', 'caller' => '819012345678', 'event' => 'incoming', 'recipient' => '815012345678'], $vouched);
        parse_str(QUERY, $map);
        same($vouched, Signature::verifyRequest(SIGNED, $map, ['other', 'whsec_first'], T));
        same($vouched, Signature::verifyRequest(SIGNED . ',v2=abc', '?' . QUERY, 'whsec_first', T + 300));
    },
    'why a signature is refused has a word' => function () use ($refused): void {
        $refused(SignatureFault::Missing, null, QUERY, 'whsec_first');
        $refused(SignatureFault::Missing, ' ', QUERY, 'whsec_first');
        $refused(SignatureFault::Malformed, 'v1=abc', QUERY, 'whsec_first');
        $refused(SignatureFault::Malformed, SIGNED . ',t=1', QUERY, 'whsec_first');
        $refused(SignatureFault::Malformed, SIGNED . ',v1=é', QUERY, 'whsec_first');
        $refused(SignatureFault::Malformed, str_replace('t=17', "t=\n17", SIGNED), QUERY, 'whsec_first');
        $refused(SignatureFault::Time, SIGNED, QUERY, 'whsec_first', T + 301);
        $refused(SignatureFault::Time, SIGNED, QUERY, 'whsec_first', T - 301);
        $refused(SignatureFault::Parameters, SIGNED, 'call_id=0f3a9c&event=incoming', 'whsec_first');
        $refused(SignatureFault::Parameters, SIGNED, QUERY . '&caller=1', 'whsec_first');
        $refused(SignatureFault::Parameters, SIGNED, ['caller' => ['1', '2'], 'call_id' => '0f3a9c'], 'whsec_first');
        $refused(SignatureFault::NoSecret, SIGNED, QUERY, []);
        $refused(SignatureFault::NoSecret, SIGNED, QUERY, '');
        $refused(SignatureFault::Digest, SIGNED, QUERY, 'whsec_other');
        $refused(SignatureFault::Digest, SIGNED, str_replace('event=incoming', 'event=gather', QUERY), 'whsec_first');
    },
    'what is signed for something else vouches for no request' => function () use ($refused, $sign): void {
        $refused(SignatureFault::Parameters, $sign('body_sha256=00', 'body_sha256'), 'body_sha256=00&event=x&call_id=1', 'whsec_first');
        $refused(SignatureFault::Parameters, $sign('', ''), QUERY, 'whsec_first');
    },
    'an event is returned if its bytes are signed' => function () use ($sign): void {
        $body = '{"id": "evt_1", "event": "call.ended"}';
        $header = $sign('body_sha256=' . hash('sha256', $body), 'body_sha256');
        same(['id' => 'evt_1', 'event' => 'call.ended'], Signature::verifyEvent($header, $body, 'whsec_first', T));
        $fault = static fn (string $header, string $body, int $now = T) => raised(
            SignatureRefused::class,
            static fn () => Signature::verifyEvent($header, $body, ['whsec_first'], $now),
        )->fault;
        same(SignatureFault::Digest, $fault($header, "$body "));
        same(SignatureFault::Time, $fault($header, $body, T + 301));
        same(SignatureFault::Parameters, $fault(SIGNED, $body));
        same(SignatureFault::Malformed, $fault($sign('body_sha256=' . hash('sha256', 'no'), 'body_sha256'), 'no'));
    },
    'the time is that of this machine unless it is given' => function () use ($refused): void {
        $fault = raised(SignatureRefused::class, static fn () => Signature::verifyRequest(SIGNED, QUERY, 'whsec_first'))->fault;
        same(SignatureFault::Time, $fault);
        Signature::verifyRequest(SIGNED, QUERY, 'whsec_first', toleranceS: PHP_INT_MAX);
    },
    'a trace shows no secret' => function (): void {
        $error = raised(SignatureRefused::class, static fn () => Signature::verifyRequest(SIGNED, QUERY, ['whsec_hidden'], T));
        lacks('whsec_hidden', print_r($error->getTrace(), true) . $error);
    },
];
