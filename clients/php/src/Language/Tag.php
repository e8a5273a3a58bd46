<?php

declare(strict_types=1);

namespace Offhook\Language;

use Offhook\Errors\WrongScript;

/** Language tags: `en`, `en-gb`, `zh-hant-tw`. Whether there is a voice for one is known by the platform only. */
final class Tag
{
    /** ISO 639-1, and three languages that are widely spoken and have no code of two letters. */
    private const CODES = ' '
        . 'aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el '
        . 'en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it '
        . 'iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt '
        . 'my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl '
        . 'sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo '
        . 'za zh zu cmn fil yue ';

    /** Return a tag as it is written in a script. */
    public static function of(string $language): string
    {
        $tag = strtolower($language);
        // language[-script][-region] of BCP 47 (RFC 5646 section 2.1), which is what voices differ by.
        $isTag = preg_match('/^([a-z]{2,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?\z/', $tag, $match) === 1;
        if (!$isTag || !str_contains(self::CODES, " $match[1] ")) {
            throw new WrongScript('unknown-language', 'There is no such language. Give a code such as en or en-gb.');
        }
        return $tag;
    }
}
