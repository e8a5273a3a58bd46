<?php

/**
 * Writes scripts for whoever can read them: a JSON array of texts comes in, one of scripts goes out.
 *
 * Each script says its text, in a line and as the greeting of a voicemail, with every option that there is.
 */

declare(strict_types=1);

use Offhook\Errors\WrongScript;
use Offhook\Prompt;
use Offhook\Script;

require __DIR__ . '/../autoload.php';

$written = [];
foreach (json_decode((string) stream_get_contents(STDIN), true, flags: JSON_THROW_ON_ERROR) as $text) {
    try {
        $written[] = (new Script())
            ->say('en', $text, loop: 2, voice: 'alice')
            ->playback('https://例え.example:8080/a?b=c&d=%20#e', loop: 100)
            ->pause(60)
            ->transfer('+81-3-5550-0123,4930123456', ring: 5, max: 14400, from: 'caller', confirm: true)
            ->voicemail(Prompt::say('ja', $text), max: 1)
            ->gather(Prompt::say('en-gb', $text, loop: 3), digits: 1, timeout: 60, finish: '*', next: 'self')
            ->text();
    } catch (WrongScript $wrong) {
        $written[] = ['problem' => $wrong->problem];
    }
}
echo json_encode($written, JSON_THROW_ON_ERROR);
