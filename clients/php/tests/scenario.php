<?php

/**
 * Does with a running platform what every client library does, and prints a line of JSON a step.
 *
 * In the environment: OFFHOOK_URL, OFFHOOK_SID, OFFHOOK_TOKEN, and OFFHOOK_VECTORS, the path of signatures.json.
 */

declare(strict_types=1);

use Offhook\Client;
use Offhook\Errors\ApiError;
use Offhook\Errors\BadRequest;
use Offhook\Errors\Conflict;
use Offhook\Errors\NotFound;
use Offhook\Errors\SignatureRefused;
use Offhook\Errors\Unauthorized;
use Offhook\Script;
use Offhook\Signature;

require __DIR__ . '/../autoload.php';

const ACTION_URL = 'https://shop.example/calls?shop=7';
const RULES = [
    'time_zone' => 'Asia/Tokyo',
    'block' => ['callers' => ['4930*', '819011111111'], 'script' => 'reject declined'],
    'anonymous' => ['script' => 'say en "Please call again and show your number."'],
    'dates' => [
        ['date' => '2026-12-24', 'hours' => ['09:00-12:00'], 'open' => "say en \"Merry Christmas!\"\ntransfer 81312345678"],
        ['date' => '2026-12-29', 'last_date' => '2027-01-03', 'closed' => 'say en "A happy new year! We are back on January 4."'],
    ],
    'hours' => ['monday' => ['09:00-12:00', '13:00-17:00'], 'friday' => ['09:00-17:00', '22:00-02:00']],
    'open' => 'transfer 81312345678',
    'closed' => 'say en "We are closed."',
];
const NAMES = [
    BadRequest::class => 'bad-request',
    Conflict::class => 'conflict',
    NotFound::class => 'not-found',
    Unauthorized::class => 'unauthorized',
];

function step(string $name, mixed $result): void
{
    $flags = JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;
    echo json_encode(['step' => $name, 'result' => $result], $flags), "\n";
}

/** @return list<string> */
function dins(iterable $entries): array
{
    $dins = [];
    foreach ($entries as $entry) {
        $dins[] = $entry['din'];
    }
    return $dins;
}

function refused(Closure $work): ApiError
{
    try {
        $work();
    } catch (ApiError $error) {
        return $error;
    }
    throw new LogicException('nothing was refused');
}

/** @return array{error: string, code: string|null} */
function told(ApiError $error): array
{
    return ['error' => NAMES[$error::class], 'code' => $error->apiCode];
}

/** @return array<string, mixed> */
function some(array $document, string ...$names): array
{
    return array_combine($names, array_map(static fn (string $name) => $document[$name], $names));
}

/** @return array{accepted: int, refused: int} */
function vectors(string $file): array
{
    $vectors = json_decode((string) file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
    $counts = ['accepted' => 0, 'refused' => 0];
    $signed = array_map(static fn (array $vector) => $vector + ['now' => $vector['t']], $vectors['signed']);
    foreach (['accepted' => [...$signed, ...$vectors['accepted']], 'refused' => $vectors['refused']] as $kind => $all) {
        foreach ($all as $vector) {
            try {
                Signature::verifyRequest($vector['header'], $vector['parameters'], $vector['secrets'], $vector['now']);
                $became = 'accepted';
            } catch (SignatureRefused) {
                $became = 'refused';
            }
            $counts[$kind] += $became === $kind ? 1 : 0;
        }
    }
    return $counts;
}

[$url, $sid, $token] = array_map(strval(...), array_map(getenv(...), ['OFFHOOK_URL', 'OFFHOOK_SID', 'OFFHOOK_TOKEN']));
$client = new Client($url, $sid, $token);

step('search', dins($client->getDinList()));
step('filtered', dins($client->getDinList(prefix: '813')));
step('paged', dins($client->getDinList(limit: 1)));
$error = refused(static fn () => iterator_to_array($client->getDinList(colour: 'red')));
step('bad-filter', ['error' => NAMES[$error::class], 'fields' => array_keys($error->fields)]);

$uid = $client->getDinList(prefix: '8150')->current()['din_uid'];
$mine = $client->subscribeDin($uid, ACTION_URL, 'scenario-1');
step('subscribed', some($mine, 'din', 'status', 'action_url'));
step('same-key', $client->subscribeDin($uid, ACTION_URL, 'scenario-1') === $mine);
step('taken', told(refused(static fn () => $client->subscribeDin($uid, ACTION_URL, 'scenario-2'))));
step('listed', dins($client->getSubscriptionList()));

$words = (new Script())->say('en', "He said \"later\".\nBye");
$set = $client->setUrls($uid, fallbackUrl: 'https://shop.example/spare', defaultAction: $words->text());
step('set', some($set, 'fallback_url', 'default_action'));
step('cleared', $client->setUrls($uid, fallbackUrl: null)['fallback_url']);

$client->setActionUrl($uid, null);
$client->setRules($uid, RULES);
$preview = $client->previewRules($uid, new DateTimeImmutable('2026-11-23T10:00:00+09:00'), '819012345678');
step('rules', some($preview, 'rule', 'script'));
$client->deleteRules($uid);
$told = $client->getDiagnosis($uid);
$findings = array_map(static fn (array $one) => [$one['code'], $one['verdict'], $one['cure']], $told['findings']);
step('diagnosis', ['din' => $told['din'], 'verdict' => $told['verdict'], 'findings' => $findings]);
step('ended', $client->unsubscribeDin($uid)['status']);

$missing = refused(static fn () => $client->getCall('nothing'));
step('not-found', told($missing));
step('help', $missing->help);
step('calls', iterator_count($client->getCallList()));
step('account', some($client->getAccount(), 'name', 'balance'));
step('ledger', array_column(iterator_to_array($client->getLedger()), 'kind'));
step('unauthorized', told(refused(static fn () => (new Client($url, $sid, 'wrong'))->getAccount())));
step('vectors', vectors((string) getenv('OFFHOOK_VECTORS')));
$script = (new Script())->say('en', 'He said "hi" \\ back')->transfer(['+81-3-1234-5678'], ring: 20)->voicemail();
step('script', $script->text());
